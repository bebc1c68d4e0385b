with

source as (

    select * from {{ source('bikestore', 'products') }}

),

renamed as (

    select
        product_id,
        replace(product_name, '"', '') as product_name,
        brand_id,
        category_id,
        model_year,
        list_price,
        {{ bikestore_day_and_time('updated_at') }} as changed_at,
        is_active = 'N' as is_inactive,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
