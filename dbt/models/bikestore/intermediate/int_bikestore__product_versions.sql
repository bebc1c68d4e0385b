{{ config(materialized='incremental', incremental_strategy='history', unique_key='product_id', on_schema_change='sync_all_columns', dist='all') }}
{{
    history(
        ref('stg_bikestore__products'),
        key='product_id',
        columns=['product_name', 'brand_id', 'category_id', 'model_year', 'list_price'],
        changed_at='changed_at',
        deleted='is_inactive'
    )
}}
