with

spent as (

    select
        client_id,
        client_name,
        count(*) as sales,
        sum(total_amount) as total_sales

    from {{ ref('int_retail_sales__sales') }}
    group by client_id, client_name

)

select
    row_number() over (order by spent.total_sales desc, spent.client_id asc) as place,
    spent.client_id,
    spent.client_name,
    addresses.state,
    addresses.city,
    spent.sales,
    spent.total_sales

from spent
left join {{ ref('int_retail_sales__addresses') }} as addresses on spent.client_id = addresses.client_id
