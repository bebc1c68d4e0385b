with

points as (

    select
        geolocation_zip_code_prefix as zip_code_prefix,
        geolocation_lat,
        geolocation_lng,
        row_number() over (
            partition by geolocation_zip_code_prefix order by geolocation_lat
        ) as lat_position,
        row_number() over (
            partition by geolocation_zip_code_prefix order by geolocation_lng
        ) as lng_position,
        count(*) over (partition by geolocation_zip_code_prefix) as point_count

    from {{ ref('stg_olist__geolocation') }}

)

-- The lower median: a value that is in the data, so no rounding, and one stray point does not move it.
select
    zip_code_prefix,
    max(point_count) as point_count,
    cast(max(
        case when 2 * lat_position between point_count and point_count + 1 then geolocation_lat end
    ) as decimal(9, 6)) as latitude,
    cast(max(
        case when 2 * lng_position between point_count and point_count + 1 then geolocation_lng end
    ) as decimal(9, 6)) as longitude

from points
group by zip_code_prefix
