-- What each table adds up to, beside the sales and the lines that it is made of.
with

totals as (

    select
        'sales_people_by_total' as name,
        'sales' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('sales_people_by_total') }}

    union all

    select
        'sales_people_by_month' as name,
        'sales' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('sales_people_by_month') }}

    union all

    select
        'sales_people_by_product' as name,
        'lines' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('sales_people_by_product') }}

    union all

    select
        'sales_people_by_product_month' as name,
        'lines' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('sales_people_by_product_month') }}

    union all

    select
        'top_selling_products' as name,
        'lines' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('top_selling_products') }}

    union all

    select
        'top_selling_products_by_month' as name,
        'lines' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('top_selling_products_by_month') }}

    union all

    select
        'top_spending_clients' as name,
        'sales' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('top_spending_clients') }}

    union all

    select
        'top_spending_clients_by_age_group' as name,
        'sales' as made_of,
        coalesce(sum(total_sales), 0) as money

    from {{ ref('top_spending_clients_by_age_group') }}

),

source_totals as (

    select
        'sales' as made_of,
        coalesce(sum(total_amount), 0) as money

    from {{ source('retail_sales', 'sales') }}

    union all

    select
        'lines' as made_of,
        coalesce(sum(total_amount), 0) as money

    from {{ source('retail_sales', 'sales_items') }}
    where sale_id in (select sale_id from {{ source('retail_sales', 'sales') }})

)

select
    totals.name,
    totals.money,
    source_totals.money as money_of_source

from totals
inner join source_totals on totals.made_of = source_totals.made_of
where totals.money <> source_totals.money
