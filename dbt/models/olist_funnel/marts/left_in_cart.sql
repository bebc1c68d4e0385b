with

removals as (

    select
        customer_id,
        product_id,
        max(product_category_name) as product_category_name,
        max(happened_at) as removed_at,
        count(*) as removals

    from {{ ref('stg_olist_funnel__events') }}
    where event_type = 'remove_from_cart'
    group by 1, 2

),

purchases as (

    -- By what they did, and by what the shop has sold them: neither has all.
    select
        customer_id,
        product_id,
        happened_at as bought_at

    from {{ ref('stg_olist_funnel__events') }}
    where event_type = 'purchase'

    union all

    select
        orders.customer_id,
        items.product_id,
        orders.order_purchase_timestamp as bought_at

    from {{ source('olist_hourly', 'order_items') }} as items
    inner join {{ source('olist_hourly', 'orders') }} as orders on items.order_id = orders.order_id

),

last_purchases as (

    select
        customer_id,
        product_id,
        max(bought_at) as bought_at

    from purchases
    group by 1, 2

),

places as (

    select
        customer_id,
        max(customer_city) as customer_city,
        max(customer_state) as customer_state

    from {{ source('olist_hourly', 'orders') }}
    group by 1

),

names as (

    select
        product_category_name,
        product_category_name_english

    from {{ source('olist_hourly', 'product_category_name_translation') }}

)

select
    removals.customer_id,
    removals.product_id,
    coalesce(names.product_category_name_english, removals.product_category_name, 'none') as category,
    removals.removed_at,
    removals.removals,
    places.customer_city,
    places.customer_state

from removals
left join last_purchases
    on
        removals.customer_id = last_purchases.customer_id
        and removals.product_id = last_purchases.product_id
        and last_purchases.bought_at >= removals.removed_at
left join places on removals.customer_id = places.customer_id
left join names on removals.product_category_name = names.product_category_name
where last_purchases.customer_id is null
