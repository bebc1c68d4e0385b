with

order_reviews as (

    select * from {{ ref('stg_olist__order_reviews') }}

)

select
    order_id,
    count(*) as review_count,
    cast(sum(review_score) as bigint) as review_score_total

from order_reviews
group by order_id
