with

order_payments as (

    select * from {{ ref('stg_olist__order_payments') }}

)

select
    order_id,
    count(*) as payment_count,
    cast(sum(payment_value) as decimal(18, 2)) as payment_total

from order_payments
group by order_id
