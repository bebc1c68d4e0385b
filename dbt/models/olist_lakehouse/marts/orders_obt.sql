with

lines as (

    select
        items.order_id,
        items.seller_id,
        items.product_id,
        items.price,
        items.freight_value,
        coalesce(names.product_category_name_english, products.product_category_name, 'none') as product_category

    from {{ source('olist_lakehouse', 'order_items') }} as items
    left join {{ source('olist_lakehouse', 'products') }} as products on items.product_id = products.product_id
    left join {{ source('olist_lakehouse', 'product_category_name_translation') }} as names
        on products.product_category_name = names.product_category_name

),

sold as (

    select
        order_id,
        seller_id,
        product_id,
        product_category,
        count(*) as quantity,
        sum(price) as price,
        sum(freight_value) as freight

    from lines
    group by order_id, seller_id, product_id, product_category

)

select
    sold.order_id,
    sold.seller_id,
    sold.product_id,
    sold.product_category,
    orders.customer_id,
    orders.order_status,
    orders.order_purchase_timestamp,
    orders.order_approved_at,
    orders.order_delivered_carrier_date,
    orders.order_delivered_customer_date,
    orders.order_estimated_delivery_date,
    reviews.review_score,
    payments.payment_type,
    payments.payment_installments,
    sellers.seller_city,
    sellers.seller_state,
    sold.quantity,
    sold.price,
    sold.freight,
    sold.price + sold.freight as gmv

from sold
left join {{ source('olist_lakehouse', 'orders') }} as orders on sold.order_id = orders.order_id
left join {{ source('olist_lakehouse', 'sellers') }} as sellers on sold.seller_id = sellers.seller_id
left join {{ ref('int_olist_lakehouse__review_by_order') }} as reviews on sold.order_id = reviews.order_id
left join {{ ref('int_olist_lakehouse__paid_by_order') }} as payments on sold.order_id = payments.order_id
