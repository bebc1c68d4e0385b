with

source as (

    select * from {{ source('bikestore', 'orders') }}

),

statuses as (

    select * from {{ source('bikestore', 'order_status') }}

),

renamed as (

    select
        source.order_id,
        source.customer_id,
        source.order_status_id,
        statuses.order_status,
        source.order_date,
        source.required_date,
        source.shipped_date,
        case when statuses.order_status = 'Rejected' then cast({{ bikestore_day_and_time('source.updated_at') }} as date) end as rejected_date,
        source.store_id,
        source.staff_id

    from source
    left join statuses on source.order_status_id = statuses.order_status_id

)

select * from renamed
