with

source as (

    select * from {{ source('bikestore', 'customers') }}

),

renamed as (

    select
        customer_id,
        first_name,
        last_name,
        phone,
        email,
        street,
        city,
        state,
        zip_code,
        {{ bikestore_day_and_time('updated_at') }} as changed_at,
        is_active = 'N' as is_inactive,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
