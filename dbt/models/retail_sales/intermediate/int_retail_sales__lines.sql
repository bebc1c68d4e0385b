-- Each line with its product, and who has sold it when; a line stays where its product is not there,
-- and waits for the next run where it has come to the lake before its sale.
select
    items.item_id,
    items.sale_id,
    items.product_id,
    products.product_name,
    sales.salesperson_id,
    sales.salesperson_name,
    sales.sale_month,
    items.quantity,
    items.total_amount

from {{ source('retail_sales', 'sales_items') }} as items
left join {{ source('retail_sales', 'products') }} as products on items.product_id = products.product_id
inner join {{ ref('int_retail_sales__sales') }} as sales on items.sale_id = sales.sale_id
