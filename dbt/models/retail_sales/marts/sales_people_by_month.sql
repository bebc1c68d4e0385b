select
    salesperson_id,
    salesperson_name,
    sale_month,
    count(*) as sales,
    sum(total_amount) as total_sales

from {{ ref('int_retail_sales__sales') }}
group by salesperson_id, salesperson_name, sale_month
