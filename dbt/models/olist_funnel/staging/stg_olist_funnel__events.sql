with

source as (

    select * from {{ source('olist_funnel', 'user_behaviour') }}

),

renamed as (

    select
        session_id,
        event_timestamp as happened_at,
        cast(extract(year from event_timestamp) as integer) as year,
        cast(extract(month from event_timestamp) as integer) as month,
        event_type,
        userid as customer_id,
        product_id,
        category_id as product_category_name,
        _file,
        _row

    from source

)

select * from renamed
