with

views as (

    select
        product_category_name,
        year

    from {{ ref('stg_olist_funnel__events') }}
    where event_type = 'view'

),

names as (

    select
        product_category_name,
        product_category_name_english

    from {{ source('olist_hourly', 'product_category_name_translation') }}

)

select
    coalesce(names.product_category_name_english, views.product_category_name, 'none') as category,
    views.year,
    count(*) as views

from views
left join names on views.product_category_name = names.product_category_name
group by 1, 2
