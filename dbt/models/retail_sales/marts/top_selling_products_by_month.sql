with

sold as (

    select
        sale_month,
        product_id,
        product_name,
        sum(quantity) as quantity,
        sum(total_amount) as total_sales

    from {{ ref('int_retail_sales__lines') }}
    group by sale_month, product_id, product_name

)

select
    row_number() over (partition by sale_month order by total_sales desc, product_id asc) as place,
    sale_month,
    product_id,
    product_name,
    quantity,
    total_sales

from sold
