with

sold as (

    select
        product_id,
        product_name,
        sum(quantity) as quantity,
        sum(total_amount) as total_sales

    from {{ ref('int_retail_sales__lines') }}
    group by product_id, product_name

)

select
    row_number() over (order by total_sales desc, product_id asc) as place,
    product_id,
    product_name,
    quantity,
    total_sales

from sold
