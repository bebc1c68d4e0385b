{{ config(dist='customer_unique_id', sort='order_purchase_timestamp') }}

with

orders as (

    select * from {{ ref('stg_olist__orders') }}

),

customers as (

    select * from {{ ref('stg_olist__customers') }}

),

items as (

    select * from {{ ref('int_order_items_by_order') }}

),

payments as (

    select * from {{ ref('int_order_payments_by_order') }}

),

reviews as (

    select * from {{ ref('int_order_reviews_by_order') }}

)

select
    orders.order_id,
    orders.customer_id,
    customers.customer_unique_id,
    orders.order_status,
    orders.order_purchase_timestamp,
    orders.order_approved_at,
    orders.order_delivered_carrier_date,
    orders.order_delivered_customer_date,
    orders.order_estimated_delivery_date,
    cast(
        {{ dbt.datediff(
            'cast(orders.order_purchase_timestamp as date)',
            'cast(orders.order_delivered_customer_date as date)',
            'day',
        ) }} as integer
    ) as delivery_days,
    orders.order_delivered_customer_date > orders.order_estimated_delivery_date as is_late,
    coalesce(items.item_count, 0) as item_count,
    coalesce(items.product_count, 0) as product_count,
    coalesce(items.seller_count, 0) as seller_count,
    cast(coalesce(items.price_total, 0) as decimal(18, 2)) as price_total,
    cast(coalesce(items.freight_total, 0) as decimal(18, 2)) as freight_total,
    cast(coalesce(items.price_total + items.freight_total, 0) as decimal(18, 2)) as order_total,
    coalesce(payments.payment_count, 0) as payment_count,
    cast(coalesce(payments.payment_total, 0) as decimal(18, 2)) as payment_total,
    coalesce(reviews.review_count, 0) as review_count,
    {{ exact_ratio('reviews.review_score_total', 'reviews.review_count') }} as avg_review_score

from orders
left join customers on orders.customer_id = customers.customer_id
left join items on orders.order_id = items.order_id
left join payments on orders.order_id = payments.order_id
left join reviews on orders.order_id = reviews.order_id
