-- Each sale with the names of who sold and who bought; unknown is the age of a buyer who has come to the lake after his sale, until the next run.
select
    sales.sale_id,
    sales.salesperson_id,
    people.full_name as salesperson_name,
    sales.client_id,
    clients.full_name as client_name,
    sales.sale_date,
    sales.sale_month,
    coalesce(sales.age_group, 'unknown') as age_group,
    sales.total_amount

from {{ source('retail_sales', 'sales') }} as sales
left join {{ source('retail_sales', 'sales_people') }} as people on sales.salesperson_id = people.salesperson_id
left join {{ source('retail_sales', 'clients') }} as clients on sales.client_id = clients.client_id
