select
    order_id,
    customer,
    amount,
    ordered_at
from {{ source('shop', 'orders') }}
