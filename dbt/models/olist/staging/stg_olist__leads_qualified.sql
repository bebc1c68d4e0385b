with

source as (

    select * from {{ source('olist', 'leads_qualified') }}

),

renamed as (

    select
        mql_id,
        first_contact_date,
        landing_page_id,
        origin,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
