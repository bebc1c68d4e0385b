{#-
  Every version that a key has had, from a relation that keeps each change of a row (`write: 'append'`), a row per change.

    {{ config(materialized='incremental', incremental_strategy='history', unique_key='customer_id', on_schema_change='sync_all_columns') }}
    {{ history(ref('stg_shop__customers'), key='customer_id', columns=['city', 'phone'], changed_at='updated_at', deleted="is_active = 'N'") }}

  changes      a ref or source; its rows in any order, and as often as they come
  key          the column that identifies a row in the source, or a list of such
  columns      what a version is made of: another value makes another version
  changed_at   expression: since when the row is like this; a timestamp without zone, or a date
  deleted      condition: the row says of itself that it is deleted, with its values still there
  order        expressions that order the changes of a key; `changed_at`, then the one that was read later. Where they say another
               order than `changed_at` does, they hold: a version then begins no sooner than the one before it

  Columns: history_key (text, the same after every rebuild), the key, `columns`, valid_from and valid_to (half-open, from 1900-01-01 to
  9999-12-31: each moment lies in exactly one version of each key), is_current, is_deleted, _loaded_at. As `table` it is made anew; as
  `incremental` only keys that have changed are, with the same result.
-#}
{% macro history(changes, key, columns, changed_at='updated_at', deleted='1 = 0', order=none) -%}
    {%- set key = [key] if key is string else key -%}
    {%- set order = order or [changed_at, '_extracted_at'] -%}
    {%- do history_must_fit(changes, key, columns, changed_at) -%}
with

{{ history_affected(changes, key, columns) }}changes as (

    select
        {%- for column in key + columns %}
        {{ column }},
        {%- endfor %}
        cast({{ changed_at }} as timestamp) as _changed_at,
        case when {{ deleted }} then 1 else 0 end as _is_deleted,
        {%- for expression in order %}
        {{ expression }} as _order_{{ loop.index }},
        {%- endfor %}
        _loaded_at

    from {{ changes }} as all_changes
    {{ history_of_affected('all_changes', key) }}

),

{{ history_versions(key, columns, order | length, splits_first=true) }}
{%- endmacro %}


{#-
  The same from the source's own log: a table in mode `changes` with `write: 'append'`. Deleted rows keep the values that they had, a
  truncated table has its keys deleted, values that the log does not repeat come from the change before. The log's order holds, whatever
  the source's clock says; times are in UTC.
-#}
{% macro history_of_log(changes, key, columns) -%}
    {%- set key = [key] if key is string else key -%}
    {%- do history_must_fit(changes, key, columns) -%}
    {%- set unsent = history_unsent(changes, columns) -%}
with

{{ history_affected(changes, key, columns, log=true) }}log as (

    select
        {%- for column in key + columns %}
        {{ column }},
        {%- endfor %}
        _op,
        _commit_lsn,
        _seq,
        _commit_time,
        _unchanged,
        _loaded_at

    from {{ changes }} as all_changes
    where _op <> 'T' {{ history_of_affected('all_changes', key, word='and') }}

),

with_truncations as (

    select * from log
    union all
    select
        {%- for column in key %}
        log_keys.{{ column }},
        {%- endfor %}
        {%- for column in columns %}
        null as {{ column }},
        {%- endfor %}
        'D' as _op,
        truncations._commit_lsn,
        truncations._seq,
        truncations._commit_time,
        null as _unchanged,
        truncations._loaded_at

    from (select distinct {{ key | join(', ') }} from log) as log_keys
    cross join (select * from {{ changes }} where _op = 'T') as truncations

),

numbered as (

    select
        *,
        {%- for column in unsent %}
        sum(case when _op = 'D' or strpos(_unchanged, '"{{ column }}"') > 0 then 0 else 1 end) over (
            partition by {{ key | join(', ') }} order by _commit_lsn, _seq
            rows between unbounded preceding and current row
        ) as _sent_{{ loop.index }},
        {%- endfor %}
        sum(case when _op = 'D' then 0 else 1 end) over (
            partition by {{ key | join(', ') }} order by _commit_lsn, _seq
            rows between unbounded preceding and current row
        ) as _state

    from with_truncations

),

changes as (

    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        {%- for column in columns %}
        first_value({{ column }}) over (
            partition by {{ key | join(', ') }}, {{ '_sent_' ~ (unsent.index(column) + 1) if column in unsent else '_state' }}
            order by _commit_lsn, _seq
            rows between unbounded preceding and unbounded following
        ) as {{ column }},
        {%- endfor %}
        cast(_commit_time at time zone 'UTC' as timestamp) as _changed_at,
        case when _op = 'D' then 1 else 0 end as _is_deleted,
        _commit_lsn as _order_1,
        _seq as _order_2,
        _loaded_at

    from numbered
    where _state > 0 -- nothing is known of what was deleted before it was seen

),

{{ history_versions(key, columns, 2, splits_first=false) }}
{%- endmacro %}


{#- The end of both: from `changes` (key, columns, _changed_at, _is_deleted, _order_1…, _loaded_at) to versions. -#}
{% macro history_versions(key, columns, orders, splits_first) -%}
    {%- set by_key = 'partition by ' ~ key | join(', ') -%}
    {%- set ordered -%}
        {{ by_key }} order by {% for at in range(orders) %}_order_{{ at + 1 }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endset -%}
    {%- set beginning = "cast('1900-01-01 00:00:00' as timestamp)" -%}
    {%- set end = "cast('9999-12-31 00:00:00' as timestamp)" -%}
in_order as (

    select
        *,
        max(_changed_at) over ({{ ordered }} rows between unbounded preceding and current row) as _began_at,
        lead(_changed_at) over ({{ ordered }}) as _next_changed_at

    from changes

),

-- Of what was changed at one moment, only the last has been there for any time.
beside_last as (

    select
        *,
        row_number() over ({{ by_key }} order by _began_at) as _place,
        {%- for column in columns %}
        lag({{ column }}) over ({{ by_key }} order by _began_at) as _last_{{ loop.index }},
        {%- endfor %}
        lag(_is_deleted) over ({{ by_key }} order by _began_at) as _was_deleted

    from in_order
    where _next_changed_at is null or _next_changed_at > _began_at

),

different as (

    select *
    from beside_last
    where
        _place = 1
        or _was_deleted <> _is_deleted
        {%- for column in columns %}
        or not coalesce({{ column }} = _last_{{ loop.index }}, {{ column }} is null and _last_{{ loop.index }} is null)
        {%- endfor %}

),

versions as (

    select
        {%- for column in key + columns %}
        {{ column }},
        {%- endfor %}
        _began_at,
        {%- if splits_first %}
        case when _place = 1 and _is_deleted = 0 then {{ beginning }} else _began_at end as valid_from,
        {%- else %}
        case when _place = 1 then {{ beginning }} else _began_at end as valid_from,
        {%- endif %}
        coalesce(lead(_began_at) over ({{ by_key }} order by _began_at), {{ end }}) as valid_to,
        _is_deleted,
        _loaded_at

    from different
    {%- if splits_first %}
    union all
    -- First seen when it was deleted already: it was there before.
    select
        {%- for column in key + columns %}
        {{ column }},
        {%- endfor %}
        {{ beginning }} as _began_at,
        {{ beginning }} as valid_from,
        _began_at as valid_to,
        0 as _is_deleted,
        _loaded_at

    from different
    where _place = 1 and _is_deleted = 1
    {%- endif %}

)

select
    md5(
        {%- for column in key -%}
        md5(cast(versions.{{ column }} as varchar)) ||{{ ' ' }}
        {%- endfor -%}
        {{ history_moment('versions._began_at') }}
    ) as history_key,
    {%- set keys_of = 'affected' if is_incremental() else 'versions' %}
    {%- for column in key %}
    {{ keys_of }}.{{ column }},
    {%- endfor %}
    {%- for column in columns %}
    versions.{{ column }},
    {%- endfor %}
    versions.valid_from,
    versions.valid_to,
    versions.valid_to = {{ end }} as is_current,
    versions._is_deleted = 1 as is_deleted,
    versions._loaded_at

{% if is_incremental() -%}
-- A key that has no version any more is here without one, for the strategy to take away what it had.
from affected
left join versions on {{ history_same('affected', 'versions', key) }}
{%- else -%}
from versions
{%- endif -%}
{%- endmacro %}


{#- A moment as text that is the same in every warehouse and session. -#}
{% macro history_moment(timestamp) -%}
    {{ return(adapter.dispatch('history_moment')(timestamp)) }}
{%- endmacro %}

{% macro default__history_moment(timestamp) -%}
    to_char({{ timestamp }}, 'YYYYMMDDHH24MISSUS')
{%- endmacro %}

{% macro duckdb__history_moment(timestamp) -%}
    strftime({{ timestamp }}, '%Y%m%d%H%M%S%f')
{%- endmacro %}


{% macro history_same(one, other, key) -%}
    {%- for column in key -%}
    {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
