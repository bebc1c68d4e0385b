{{ config(dist='all') }}

select
    order_status_id,
    order_status

from {{ source('bikestore', 'order_status') }}
