-- Of each client one address: the first that was entered.
with

ranked as (

    select
        client_id,
        state,
        city,
        row_number() over (partition by client_id order by address_id asc) as place

    from {{ source('retail_sales', 'client_addresses') }}

)

select
    client_id,
    state,
    city

from ranked
where place = 1
