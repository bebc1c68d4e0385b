{{ config(materialized='incremental', incremental_strategy='history', unique_key='customer_id', on_schema_change='sync_all_columns', dist='all', alias='dim_customers') }}
{{
    history(
        ref('stg_bikestore__customers'),
        key='customer_id',
        columns=['first_name', 'last_name', 'phone', 'email', 'street', 'city', 'state', 'zip_code'],
        changed_at='changed_at',
        deleted='is_inactive'
    )
}}
