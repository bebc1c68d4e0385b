{{ config(alias='dim_products', dist='all') }}

with

versions as (

    select * from {{ ref('int_bikestore__product_versions') }}

),

brands as (

    select * from {{ source('bikestore', 'brands') }}

),

categories as (

    select * from {{ source('bikestore', 'categories') }}

)

select
    versions.history_key,
    versions.product_id,
    versions.product_name,
    brands.brand_name,
    categories.category_name,
    versions.model_year,
    versions.list_price,
    versions.valid_from,
    versions.valid_to,
    versions.is_current,
    versions.is_deleted

from versions
left join brands on versions.brand_id = brands.brand_id
left join categories on versions.category_id = categories.category_id
