-- Of each order, the type of payment that most was paid by; of types that are even, the first by name.
with

by_type as (

    select
        order_id,
        payment_type,
        sum(payment_value) as paid,
        max(payment_installments) as payment_installments

    from {{ source('olist_lakehouse', 'order_payments') }}
    group by order_id, payment_type

),

ranked as (

    select
        order_id,
        payment_type,
        payment_installments,
        row_number() over (partition by order_id order by paid desc, payment_type asc) as place

    from by_type

)

select
    order_id,
    payment_type,
    payment_installments

from ranked
where place = 1
