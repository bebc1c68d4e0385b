{{ config(dist='order_id', sort='order_date_key') }}

{#- A version that began on the day of the order holds for it: the last moment of the day. -#}
{%- set ordered_at = "(cast(orders.order_date as timestamp) + interval '86399.999999 seconds')" -%}

{#- What is an order's stands on its first line alone, so that a mean over lines is one over orders. -#}
{%- set is_first = 'lines.item_id = min(lines.item_id) over (partition by lines.order_id)' -%}

with

lines as (

    select
        *,
        cast(list_price * quantity as decimal(15, 2)) as total_price,
        cast(round(list_price * quantity * discount, 2) as decimal(15, 2)) as discount_amount

    from {{ ref('stg_bikestore__order_items') }}

),

orders as (

    select * from {{ ref('stg_bikestore__orders') }}

)

select
    lines.order_id,
    lines.item_id,
    customers.history_key as customer_key,
    products.history_key as product_key,
    staffs.history_key as staff_key,
    stores.history_key as store_key,
    {{ date_key('orders.order_date') }} as order_date_key,
    {{ date_key('orders.required_date') }} as required_date_key,
    {{ date_key('orders.shipped_date') }} as shipped_date_key,
    {{ date_key('orders.rejected_date') }} as rejected_date_key,
    orders.order_status_id,
    case
        when orders.shipped_date is null then 'not shipped'
        when orders.shipped_date > orders.required_date then 'late'
        else 'in time'
    end as delivery,
    case when {{ is_first }} then cast(orders.shipped_date - orders.order_date as integer) end as days_to_ship,
    case when {{ is_first }} then cast(orders.required_date - orders.order_date as integer) end as days_promised,
    lines.quantity,
    cast(lines.discount * 100 as integer) as discount_percent,
    lines.total_price,
    lines.discount_amount,
    cast(lines.total_price - lines.discount_amount as decimal(15, 2)) as total_price_with_discount

from lines
inner join orders on lines.order_id = orders.order_id
{{ as_of_join(ref('dim_customers_bikestore'), 'customers', on={'customer_id': 'orders.customer_id'}, at=ordered_at) }}
{{ as_of_join(ref('dim_products_bikestore'), 'products', on={'product_id': 'lines.product_id'}, at=ordered_at) }}
{{ as_of_join(ref('dim_staffs'), 'staffs', on={'staff_id': 'orders.staff_id'}, at=ordered_at) }}
{{ as_of_join(ref('dim_stores'), 'stores', on={'store_id': 'orders.store_id'}, at=ordered_at) }}
