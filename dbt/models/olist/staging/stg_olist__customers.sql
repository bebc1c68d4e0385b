with

source as (

    select * from {{ source('olist', 'customers') }}

),

renamed as (

    select
        customer_id,
        customer_unique_id,
        lpad(cast(customer_zip_code_prefix as varchar), 5, '0') as customer_zip_code_prefix,
        customer_city,
        customer_state,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
