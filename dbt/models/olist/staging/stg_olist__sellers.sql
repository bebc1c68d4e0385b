with

source as (

    select * from {{ source('olist', 'sellers') }}

),

renamed as (

    select
        seller_id,
        lpad(cast(seller_zip_code_prefix as varchar), 5, '0') as seller_zip_code_prefix,
        seller_city,
        seller_state,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
