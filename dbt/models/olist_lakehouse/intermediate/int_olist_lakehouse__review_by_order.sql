-- Of each order, the review that was asked for last.
with

ranked as (

    select
        order_id,
        review_score,
        row_number() over (
            partition by order_id order by review_creation_date desc, review_answer_timestamp desc, review_id asc
        ) as place

    from {{ source('olist_lakehouse', 'order_reviews') }}

)

select
    order_id,
    review_score

from ranked
where place = 1
