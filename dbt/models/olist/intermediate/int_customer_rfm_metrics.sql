{{ config(materialized='table', dist='customer_unique_id') }}

with

orders as (

    select * from {{ ref('stg_olist__orders') }}

),

as_of as (

    select {{ as_of_date('order_purchase_timestamp') }} as as_of_date from orders

),

delivered_orders as (

    select
        orders.order_id,
        customers.customer_unique_id,
        orders.order_purchase_timestamp,
        as_of.as_of_date

    from orders
    inner join {{ ref('stg_olist__customers') }} as customers
        on orders.customer_id = customers.customer_id
    cross join as_of
    where
        orders.order_status = 'delivered'
        and orders.order_purchase_timestamp < as_of.as_of_date

),

-- Payments and reviews come one row per order: neither multiplies the other.
customers as (

    select
        delivered_orders.customer_unique_id,
        max(delivered_orders.as_of_date) as as_of_date,
        max(delivered_orders.order_purchase_timestamp) as last_purchase_at,
        count(*) as frequency,
        cast(coalesce(sum(payments.payment_total), 0) as decimal(18, 2)) as monetary,
        cast(coalesce(sum(reviews.review_count), 0) as bigint) as review_count,
        cast(coalesce(sum(reviews.review_score_total), 0) as bigint) as review_score_total

    from delivered_orders
    left join {{ ref('int_order_payments_by_order') }} as payments
        on delivered_orders.order_id = payments.order_id
    left join {{ ref('int_order_reviews_by_order') }} as reviews
        on delivered_orders.order_id = reviews.order_id
    group by delivered_orders.customer_unique_id

)

select
    customer_unique_id,
    as_of_date,
    last_purchase_at,
    cast(
        {{ dbt.datediff('cast(last_purchase_at as date)', 'as_of_date', 'day') }} as integer
    ) as recency_days,
    cast(frequency as integer) as frequency,
    monetary,
    review_count,
    review_score_total,
    {{ exact_ratio('review_score_total', 'review_count') }} as avg_review_score

from customers
