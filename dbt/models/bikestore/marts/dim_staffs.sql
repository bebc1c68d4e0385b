{{ config(materialized='incremental', incremental_strategy='history', unique_key='staff_id', on_schema_change='sync_all_columns', dist='all') }}
{{
    history(
        ref('stg_bikestore__staffs'),
        key='staff_id',
        columns=['first_name', 'last_name', 'email', 'phone', 'store_id', 'manager_id'],
        changed_at='changed_at',
        deleted='is_inactive'
    )
}}
