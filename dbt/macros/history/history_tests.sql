{#-
  Of a history: moments that lie in no version of a key, or in several. A row for each version that does not begin where the one before it
  has ended, that ends before it begins, or that is first or last and does not reach to the ends of time.
-#}
{% test history_has_no_gaps(model, key) %}
    {%- set key = [key] if key is string else key -%}
    {%- set by_key = 'partition by ' ~ key | join(', ') ~ ' order by valid_from, valid_to' -%}
    with

    neighbours as (

        select
            {%- for column in key %}
            {{ column }},
            {%- endfor %}
            valid_from,
            valid_to,
            is_current,
            lag(valid_to) over ({{ by_key }}) as ended_before,
            lead(valid_from) over ({{ by_key }}) as begins_next

        from {{ model }}

    )

    select *
    from neighbours
    where
        valid_from >= valid_to
        or coalesce(ended_before, cast('1900-01-01 00:00:00' as timestamp)) <> valid_from
        or (begins_next is null and valid_to <> cast('9999-12-31 00:00:00' as timestamp))
        or is_current <> (begins_next is null)
        {%- for column in key %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}


{#-
  Of the changes that a history is made of: those that nobody can place. Without a key or a time, with a time that no version can begin at,
  two that differ and stand at the very same place in the order, or, with `read_at`, one that was read later and says it is older: the
  clock of the source has gone back, or somebody has set the column by hand. Then correct the row in the source, so that it is read anew,
  and leave the wrong change out where the changes are selected; or let the order of reading hold: `order=['_extracted_at', changed_at]`.
-#}
{% test history_is_in_order(model, key, columns, changed_at, order=none, read_at=none) %}
    {%- set key = [key] if key is string else key -%}
    {%- set order = order or [changed_at, '_extracted_at'] -%}
    with

    changes as (

        select
            {%- for column in key + columns %}
            {{ column }},
            {%- endfor %}
            {%- for expression in order %}
            {{ expression }} as _order_{{ loop.index }},
            {%- endfor %}
            {%- if read_at is not none %}
            {{ read_at }} as _read_at,
            {%- endif %}
            cast({{ changed_at }} as timestamp) as _changed_at

        from {{ model }}

    ),

    -- Alike in all, such as a change that has come twice, they are one.
    once as (

        select distinct *
        from changes

    ),

    beside as (

        select
            *,
            count(*) over (
                partition by {{ key | join(', ') }}
                {%- for expression in order %}, _order_{{ loop.index }}{% endfor %}
                {%- if read_at is not none %}, _read_at{% endif %}
            ) as _at_one_place
            {%- if read_at is not none -%}
            , max(_changed_at) over (
                partition by {{ key | join(', ') }} order by _read_at, _changed_at
                rows between unbounded preceding and current row
            ) as _latest_so_far
            {%- endif %}

        from once

    )

    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        _changed_at,
        case
            when _changed_at is null {% for column in key %} or {{ column }} is null{% endfor %} then 'has no key or no time'
            when _changed_at <= cast('1900-01-01 00:00:00' as timestamp) or _changed_at >= cast('9999-12-31 00:00:00' as timestamp)
                then 'its time is out of range'
            when _at_one_place > 1 then 'another change is at the same place'
            else 'is older than what was read before it'
        end as problem

    from beside
    where
        _changed_at is null
        or _changed_at <= cast('1900-01-01 00:00:00' as timestamp)
        or _changed_at >= cast('9999-12-31 00:00:00' as timestamp)
        or _at_one_place > 1
        {%- if read_at is not none %}
        or _latest_so_far > _changed_at
        {%- endif %}
        {%- for column in key %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}


{#-
  Of the changes of a log: rows whose values nobody can tell. The key was changed, and the log has not repeated a long value, which the
  history of the new key lacks. `ALTER TABLE … REPLICA IDENTITY FULL` in the source makes it send all from then on.
-#}
{% test history_log_is_whole(model, key) %}
    {%- set key = [key] if key is string else key -%}
    select *
    from {{ model }}
    where
        (_base is not null and _unchanged is not null)
        {%- for column in key %}
        or ({{ column }} is null and _op <> 'T')
        {%- endfor %}
{% endtest %}
