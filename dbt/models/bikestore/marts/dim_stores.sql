{{ config(materialized='incremental', incremental_strategy='history', unique_key='store_id', on_schema_change='sync_all_columns', dist='all') }}
{{
    history(
        ref('stg_bikestore__stores'),
        key='store_id',
        columns=['store_name', 'phone', 'email', 'street', 'city', 'state', 'zip_code'],
        changed_at='changed_at',
        deleted='is_inactive'
    )
}}
