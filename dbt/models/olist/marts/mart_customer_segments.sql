{{ config(dist='customer_unique_id', sort='segment') }}

with

scores as (

    select * from {{ ref('int_customer_rfm_scores') }}

)

-- A published score k means k <= sm_score < k + 1; first match wins. See the block `segment`.
select
    customer_unique_id,
    recency_days,
    frequency,
    monetary,
    avg_review_score,
    r_score,
    f_score,
    m_score,
    sm_score,
    case
        when sm_score >= 5 and r_score >= 4 then 'Champion'
        when sm_score >= 4 and sm_score < 6 and r_score >= 3 then 'Loyal'
        when sm_score >= 2 and sm_score < 4 and r_score >= 4 then 'Promising'
        when sm_score >= 1 and sm_score < 2 and r_score = 5 then 'New Customers'
        when sm_score >= 1 and sm_score < 2 and r_score = 4 then 'Warm Leads'
        when sm_score < 2 and r_score >= 4 then 'Abandoned Checkouts'
        when sm_score >= 1 and sm_score < 2 and r_score = 3 then 'Cold Leads'
        when sm_score >= 2 and sm_score < 4 and r_score between 2 and 3 then 'Need Attention'
        when sm_score >= 5 and r_score <= 3 then 'Should Not Lose'
        when sm_score >= 3 and sm_score < 5 and r_score <= 2 then 'Sleepers'
        when sm_score < 3 and r_score <= 3 then 'Lost'
    end as segment

from scores
