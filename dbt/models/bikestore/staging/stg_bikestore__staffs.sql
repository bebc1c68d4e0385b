with

source as (

    select * from {{ source('bikestore', 'staffs') }}

),

renamed as (

    select
        staff_id,
        first_name,
        last_name,
        email,
        phone,
        store_id,
        manager_id,
        {{ bikestore_day_and_time('updated_at') }} as changed_at,
        is_active = 'N' as is_inactive,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
