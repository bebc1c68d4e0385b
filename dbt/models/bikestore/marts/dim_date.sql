{{ config(dist='all', sort='date_key') }}

select
    {{ date_key('day') }} as date_key,
    day as date_day,
    cast(extract(year from day) as integer) as year,
    cast(extract(quarter from day) as integer) as quarter,
    cast(extract(month from day) as integer) as month,
    cast(extract(day from day) as integer) as day_of_month,
    cast(extract(week from day) as integer) as week_of_year,
    {{ name_of('weekday', 'extract(dow from day)') }} as day_of_week,
    {{ name_of('month', 'extract(month from day)') }} as month_name

from {{ ref('int_bikestore__days') }}
