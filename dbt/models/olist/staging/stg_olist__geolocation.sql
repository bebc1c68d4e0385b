with

source as (

    select * from {{ source('olist', 'geolocation') }}

),

renamed as (

    select
        lpad(cast(geolocation_zip_code_prefix as varchar), 5, '0') as geolocation_zip_code_prefix,
        cast(round(cast(geolocation_lat as decimal(18, 12)), 6) as decimal(9, 6)) as geolocation_lat,
        cast(round(cast(geolocation_lng as decimal(18, 12)), 6) as decimal(9, 6)) as geolocation_lng,
        geolocation_city,
        geolocation_state,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
