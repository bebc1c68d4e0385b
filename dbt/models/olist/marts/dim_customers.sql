{{ config(dist='all', sort='customer_id') }}

with

customers as (

    select * from {{ ref('stg_olist__customers') }}

),

locations as (

    select * from {{ ref('int_zip_code_locations') }}

)

select
    customers.customer_id,
    customers.customer_unique_id,
    customers.customer_zip_code_prefix,
    customers.customer_city,
    customers.customer_state,
    locations.latitude as customer_lat,
    locations.longitude as customer_lng

from customers
left join locations on customers.customer_zip_code_prefix = locations.zip_code_prefix
