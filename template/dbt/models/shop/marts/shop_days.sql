select
    cast(ordered_at as date) as day,
    count(*) as orders,
    count(distinct customer) as customers,
    sum(amount) as revenue
from {{ ref('stg_shop__orders') }}
group by cast(ordered_at as date)
