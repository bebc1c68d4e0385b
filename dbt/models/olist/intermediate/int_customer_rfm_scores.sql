with

metrics as (

    select * from {{ ref('int_customer_rfm_metrics') }}

),

scored as (

    select
        *,
        5 - {{ fifths_below('recency_days') }} as r_score,
        1 + {{ fifths_below('frequency') }} as f_score,
        1 + {{ fifths_below('monetary') }} as m_score

    from metrics

)

select
    customer_unique_id,
    recency_days,
    frequency,
    monetary,
    avg_review_score,
    r_score,
    f_score,
    m_score,
    -- From the review scores themselves, not from their rounded average: 10/3 x 3 / 2 is 5, not 4.99995.
    cast(
        coalesce({{ exact_ratio('(review_score_total * m_score)', '(2 * review_count)') }}, 0) as decimal(7, 4)
    ) as sm_score

from scored
