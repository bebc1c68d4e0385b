with

orders as (

    select * from {{ ref('stg_bikestore__orders') }}

)

select order_date as day from orders
union
select required_date from orders
union
select shipped_date from orders where shipped_date is not null
union
select rejected_date from orders where rejected_date is not null
