with

source as (

    select * from {{ source('olist', 'order_payments') }}

),

renamed as (

    select
        order_id,
        payment_sequential,
        payment_type,
        payment_installments,
        cast(payment_value as decimal(18, 2)) as payment_value,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
