-- Pieces and money of the big table beside those of the lines that it is made of.
with

big as (

    select
        coalesce(sum(quantity), 0) as pieces,
        coalesce(sum(gmv), 0) as money

    from {{ ref('orders_obt') }}

),

lines as (

    select
        count(*) as pieces,
        coalesce(sum(price + freight_value), 0) as money

    from {{ source('olist_lakehouse', 'order_items') }}

)

select
    big.pieces,
    lines.pieces as pieces_of_lines,
    big.money,
    lines.money as money_of_lines

from big
cross join lines
where big.pieces <> lines.pieces or big.money <> lines.money
