-- Lines that the newest reading of their order has, and no sale of; and sales without one.
select
    coalesce(lines.order_id, sales.order_id) as order_id,
    coalesce(lines.item_id, sales.item_id) as item_id
from {{ ref('stg_bikestore__order_items') }} as lines
full outer join {{ ref('fact_sales') }} as sales on lines.order_id = sales.order_id and lines.item_id = sales.item_id
where lines.order_id is null or sales.order_id is null
