with

order_items as (

    select * from {{ ref('stg_olist__order_items') }}

)

select
    order_id,
    count(*) as item_count,
    count(distinct product_id) as product_count,
    count(distinct seller_id) as seller_count,
    cast(sum(price) as decimal(18, 2)) as price_total,
    cast(sum(freight_value) as decimal(18, 2)) as freight_total

from order_items
group by order_id
