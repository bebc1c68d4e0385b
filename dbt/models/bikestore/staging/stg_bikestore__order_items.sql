with

source as (

    select
        *,
        max(updated_at) over (partition by order_id) as order_updated_at

    from {{ source('bikestore', 'order_items') }}

),

-- Lines are read all together, whenever their order moves: one that has not come with the newest is gone. Line 0 says that all are.
standing as (

    select
        order_id,
        item_id,
        product_id,
        quantity,
        list_price,
        discount

    from source
    where updated_at = order_updated_at and item_id > 0

)

select * from standing
