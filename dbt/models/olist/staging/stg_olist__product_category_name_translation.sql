with

source as (

    select * from {{ source('olist', 'product_category_name_translation') }}

),

renamed as (

    select
        product_category_name,
        product_category_name_english,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
