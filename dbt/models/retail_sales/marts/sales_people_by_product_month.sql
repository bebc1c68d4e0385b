select
    salesperson_id,
    salesperson_name,
    product_id,
    product_name,
    sale_month,
    sum(quantity) as quantity,
    sum(total_amount) as total_sales

from {{ ref('int_retail_sales__lines') }}
group by salesperson_id, salesperson_name, product_id, product_name, sale_month
