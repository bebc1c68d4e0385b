-- Every sum of money over the marts, beside the same sum over the raw tables. Lines and payments of orders that
-- are not loaded (history in part) belong to no mart; the relationship tests name them.
with

delivered_payments as (

    select payments.payment_value
    from {{ source('olist', 'order_payments') }} as payments
    inner join {{ source('olist', 'orders') }} as orders on payments.order_id = orders.order_id
    where
        orders.order_status = 'delivered'
        and orders.order_purchase_timestamp < (
            select {{ as_of_date('order_purchase_timestamp') }} from {{ source('olist', 'orders') }}
        )

),

sums as (

    select
        'fct_orders.price_total' as measure,
        (select sum(price_total) from {{ ref('fct_orders') }}) as in_mart,
        (
            select sum(price) from {{ source('olist', 'order_items') }}
            where order_id in (select order_id from {{ source('olist', 'orders') }})
        ) as in_raw
    union all
    select
        'fct_orders.freight_total',
        (select sum(freight_total) from {{ ref('fct_orders') }}),
        (
            select sum(freight_value) from {{ source('olist', 'order_items') }}
            where order_id in (select order_id from {{ source('olist', 'orders') }})
        )
    union all
    select
        'fct_orders.payment_total',
        (select sum(payment_total) from {{ ref('fct_orders') }}),
        (
            select sum(payment_value) from {{ source('olist', 'order_payments') }}
            where order_id in (select order_id from {{ source('olist', 'orders') }})
        )
    union all
    select
        'mart_customer_segments.monetary',
        (select sum(monetary) from {{ ref('mart_customer_segments') }}),
        (select sum(payment_value) from delivered_payments)

)

select * from sums
where coalesce(in_mart, 0) <> coalesce(in_raw, 0)
