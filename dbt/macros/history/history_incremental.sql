{#-
  What a history needs to be made anew in part: a key of which changes have come in since. Loads of a table come one after the other, so
  whatever has come is later than what the versions say they come from. After other columns were asked for, all keys.
-#}
{% macro history_affected(changes, key, columns, log=false) -%}
    {%- if is_incremental() -%}
    {%- set since -%}
        _loaded_at > (select coalesce(max(_loaded_at), cast('1900-01-01 00:00:00+00' as timestamptz)) from {{ this }})
    {%- endset -%}
affected as (

    select distinct {{ key | join(', ') }}
    from {{ changes }}
    where
        {%- if history_has_other_columns(key + columns) %}
        1 = 1
        {%- else %}
        {{ since }}
        {%- endif %}
        {%- if log %}
        and _op <> 'T'
    union
    select {{ key | join(', ') }}
    from {{ this }}
    where exists (select 1 from {{ changes }} where _op = 'T' and {{ since }})
        {%- endif %}

),

    {% endif -%}
{%- endmacro %}


{% macro history_of_affected(relation, key, word='where') -%}
    {%- if is_incremental() -%}
    {{ word }} exists (select 1 from affected where {{ history_same('affected', relation, key) }})
    {%- endif -%}
{%- endmacro %}


{#- Whether the table that is there was made of other columns. -#}
{% macro history_has_other_columns(columns) -%}
    {%- set own = ['history_key', 'valid_from', 'valid_to', 'is_current', 'is_deleted', '_loaded_at'] -%}
    {%- set there = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list -%}
    {%- set wanted = columns | map('replace', '"', '') | map('lower') | list + own -%}
    {{ return(there | sort | list != wanted | sort | list) }}
{%- endmacro %}


{#- Columns of which the log has left out values that had not changed (PostgreSQL: long ones, without REPLICA IDENTITY FULL). -#}
{% macro history_unsent(changes, columns) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for row in run_query('select distinct _unchanged from ' ~ changes ~ ' where _unchanged is not null').rows -%}
            {%- for name in fromjson(row[0]) -%}
                {%- if name in columns and name not in found -%}{%- do found.append(name) -%}{%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort) }}
{%- endmacro %}


{#- Says what is wrong with a history's arguments before anything is built; without quotes, between which values are masked in what is reported. -#}
{% macro history_must_fit(changes, key, columns, changed_at=none) -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- set unique_key = config.get('unique_key') or [] -%}
    {%- if config.get('materialized') == 'incremental' and
        (strategy != 'history' or ([unique_key] if unique_key is string else unique_key) != key) -%}
        {{ exceptions.raise_compiler_error(
            "History " ~ this.identifier ~ " is incremental: its config has to say incremental_strategy history, unique_key " ~ key | join(', ') ~ " and on_schema_change sync_all_columns."
        ) }}
    {%- endif -%}
    {%- if execute -%}
        {%- set there = {} -%}
        {%- for column in adapter.get_columns_in_relation(changes) -%}
            {%- do there.update({column.name | lower: column.data_type | lower}) -%}
        {%- endfor -%}
        {%- for column in key + columns -%}
            {%- if column | replace('"', '') | lower not in there -%}
                {{ exceptions.raise_compiler_error(
                    "History " ~ this.identifier ~ ": there is no column " ~ column ~ " in " ~ changes.identifier ~ ". It has: " ~ there | join(', ') ~ "."
                ) }}
            {%- endif -%}
        {%- endfor -%}
        {%- set type = there.get(changed_at | string | lower, '') -%}
        {%- if 'with time zone' in type or type == 'timestamptz' -%}
            {{ exceptions.raise_compiler_error(
                "History " ~ this.identifier ~ ": " ~ changed_at ~ " has a time zone, so what day it is depends on the session. Say in which zone it is told: give changed_at as " ~ changed_at ~ " at time zone, and the name of the zone."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- dbt's incremental strategy `history`: the versions of every key that the new rows name take the place of those it had. -#}
{% macro get_incremental_history_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set news = arg_dict['temp_relation'] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set key = [key] if key is string else key -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }} using {{ news }} where {{ history_same(news, target, key) }};
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ news }} where history_key is not null
{%- endmacro %}
