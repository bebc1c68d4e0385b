with

source as (

    select * from {{ source('olist', 'order_items') }}

),

renamed as (

    select
        order_id,
        order_item_id,
        product_id,
        seller_id,
        shipping_limit_date,
        cast(price as decimal(18, 2)) as price,
        cast(freight_value as decimal(18, 2)) as freight_value,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
