with

source as (

    select * from {{ source('olist', 'leads_closed') }}

),

renamed as (

    select
        mql_id,
        seller_id,
        sdr_id,
        sr_id,
        won_date,
        business_segment,
        lead_type,
        lead_behaviour_profile,
        has_company,
        has_gtin,
        average_stock,
        business_type,
        declared_product_catalog_size,
        cast(declared_monthly_revenue as decimal(18, 2)) as declared_monthly_revenue,
        _load_id,
        _extracted_at,
        _loaded_at

    from source

)

select * from renamed
